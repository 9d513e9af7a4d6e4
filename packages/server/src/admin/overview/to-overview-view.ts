import type {
  Figure,
  FigureGoal,
  FigureReport,
  ModelOverview,
  Overview,
  VersionOverview,
} from '@scarmonit/core/metrics/overview';
import type {
  FigureGoalView,
  FigureReportView,
  FigureView,
  ModelOverviewView,
  OverviewView,
} from '@scarmonit/protocol/admin/overview';

export function toOverviewView({ from, to, stepMs, models, refused }: Overview): OverviewView {
  return { from, to, stepMs, models: models.map(toModelView), refused: refused ?? null };
}

function toModelView({ candidate, figures, versions, ...model }: ModelOverview): ModelOverviewView {
  return {
    ...model,
    candidate: candidate ?? null,
    figures: {
      latencyP95Ms: toReportView(figures.latencyP95Ms),
      firstTokenP95Ms: toReportView(figures.firstTokenP95Ms),
      errorRate: toReportView(figures.errorRate),
      throughputRps: toReportView(figures.throughputRps),
      accuracy: toReportView(figures.accuracy),
      satisfaction: toReportView(figures.satisfaction),
      taskCompletion: toReportView(figures.taskCompletion),
      costPerRequestUsd: toReportView(figures.costPerRequestUsd),
      uptime: toReportView(figures.uptime),
      activeUsers5m: toReportView(figures.activeUsers5m),
      activeUsers24h: toReportView(figures.activeUsers24h),
    },
    versions: versions.map(toVersionView),
  };
}

function toVersionView({ version, requests, latencyP95Ms, errorRate, accuracy }: VersionOverview) {
  return {
    version,
    requests,
    latencyP95Ms: toFigureView(latencyP95Ms),
    errorRate: toFigureView(errorRate),
    accuracy: toFigureView(accuracy),
  };
}

function toReportView({ figure, goal, series }: FigureReport): FigureReportView {
  return {
    figure: toFigureView(figure),
    goal: goal === undefined ? null : toGoalView(goal),
    series: series === undefined ? null : [...series],
  };
}

function toFigureView(figure: Figure): FigureView {
  if (figure.value === undefined) return { value: null, reason: figure.reason };
  const { value, interval, samples } = figure;
  return { value, interval: interval ?? null, samples };
}

function toGoalView({ target, isMet, budgetLeft }: FigureGoal): FigureGoalView {
  return { target, isMet: isMet ?? null, budgetLeft: budgetLeft ?? null };
}
