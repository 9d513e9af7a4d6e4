import { formatTailEvent, type TailEvent } from './format-tail-event.ts';

/**
 * Reads what `wrangler tail --format json` prints, line by line: each event is laid out over several lines and ends with a
 * brace of its own.
 * @returns takes a line, and returns what to show by now. What is no event is shown as it is
 */
export function createTailReader(): (line: string) => string {
  let lines: string[] = [];
  return (line) => {
    if (lines.length === 0 && !line.startsWith('{')) return `${line}\n`;
    lines.push(line);
    const isWhole = line.startsWith('}') || (lines.length === 1 && line.endsWith('}'));
    if (!isWhole) return '';
    const text = lines.join('\n');
    lines = [];
    try {
      return `${formatTailEvent(JSON.parse(text) as TailEvent)}\n`;
    } catch {
      return `${text}\n`;
    }
  };
}
