import type { FigureView, ModelOverviewView } from '@scarmonit/protocol/admin/overview';
import { Link } from '@tanstack/react-router';
import { formatCount, formatDuration, formatShare } from '../../format/format-number.ts';
import { Section } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import styles from './overview-page.module.css';

const columns = [
  { title: 'Version' },
  { title: 'Requests', isNumber: true },
  { title: 'P95 latency', isNumber: true },
  { title: 'Error rate', isNumber: true },
  { title: 'Accuracy', isNumber: true },
];

/** The versions that were asked in the window, beside each other. */
export function VersionTable({ overview, window }: { readonly overview: ModelOverviewView; readonly window: string }) {
  const { model, stable, candidate, versions } = overview;
  if (versions.length === 0) return null;
  return (
    <Section title="By version" aside={window} isFlush>
      <Table label="Figures by version" columns={columns}>
        {versions.map(({ version, requests, latencyP95Ms, errorRate, accuracy }) => (
          <tr key={version}>
            <td>
              <Link to="/models/$name" params={{ name: model }} hash={`v${version}`}>
                <strong>{version}</strong>
              </Link>{' '}
              <span className={styles.by}>
                {version === stable ? 'stable' : version === candidate ? 'candidate' : ''}
              </span>
            </td>
            <td data-number="">{formatCount(requests)}</td>
            <Cell figure={latencyP95Ms} format={formatDuration} />
            <Cell figure={errorRate} format={formatShare} />
            <Cell figure={accuracy} format={formatShare} />
          </tr>
        ))}
      </Table>
    </Section>
  );
}

function Cell({ figure, format }: { readonly figure: FigureView; readonly format: (value: number) => string }) {
  return figure.value === null ? (
    <td data-number="" title={figure.reason}>
      –
    </td>
  ) : (
    <td data-number="">{format(figure.value)}</td>
  );
}
