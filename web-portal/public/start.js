// Before the first paint, so that nobody who chose dark is flashed with light.
const theme = localStorage.getItem('theme');
if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;

// What the first page shows is on its way before the portal's own scripts are: see src/api/early-answers.ts.
const early = ['/api/admin/session'];
if (location.pathname === '/') {
  const shown = new URLSearchParams(location.search).get('window') ?? '1h';
  early.push(`/api/admin/overview?${new URLSearchParams({ window: shown })}`);
}
globalThis.earlyAnswers = new Map(early.map((path) => [path, fetch(path)]));
// Whoever takes one hears of its failure.
for (const answer of globalThis.earlyAnswers.values()) answer.catch(() => undefined);
