/** A duration in its handiest unit, with two digits where it has one: `40 s`, `25 min`, `1.5 h`, `12 days`. */
export function describeDuration(minutes: number): string {
  if (minutes < 1.5) return `${Math.ceil(minutes * 60)} s`;
  if (minutes < 90) return `${plain(minutes)} min`;
  if (minutes < 48 * 60) return `${plain(minutes / 60)} h`;
  return `${plain(minutes / (24 * 60))} days`;
}

function plain(figure: number): string {
  return figure < 10 ? String(Number(figure.toFixed(1))) : String(Math.ceil(figure));
}
