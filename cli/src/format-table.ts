/** Columns padded to their widest cell and separated by two spaces; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[], heading: (text: string) => string): string[] {
  const widthOf = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = (rows[0] ?? []).map((_, column) => widthOf(column));
  return rows.map((row, index) => {
    const line = widths
      .map((width, column) => (row[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd();
    return index === 0 ? heading(line) : line;
  });
}
