const year = '[0-9]{4}';
const day28 = '("0" [1-9] | "1" [0-9] | "2" [0-8])';
const monthDay = [
  `("0" [1-9] | "1" [0-2]) "-" ${day28}`,
  '("0" [13-9] | "1" [0-2]) "-" ("29" | "30")',
  '("0" [13578] | "1" [02]) "-31"',
].join(' | ');
const date = `${year} "-" (${monthDay})`;
const time =
  '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])';
const label = '[a-z0-9] ([a-z0-9-]{0,30} [a-z0-9])?';
const hostname = `${label} ("." ${label}){0,3} "." [a-z]{2,10}`;
const octet = '("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9]? [0-9])';

/**
 * GBNF for JSON Schema string formats, without the quotes. Each matches only texts that are valid in the format,
 * though not all of them: 29 February, for one, is left out.
 */
export const stringFormats: Readonly<Record<string, string>> = {
  date,
  time,
  'date-time': `${date} "T" ${time}`,
  uuid: '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [1-8] [0-9a-f]{3} "-" [89ab] [0-9a-f]{3} "-" [0-9a-f]{12}',
  hostname,
  email: `[a-zA-Z0-9_+-]{1,32} ("." [a-zA-Z0-9_+-]{1,32}){0,3} "@" ${hostname}`,
  ipv4: `${octet} "." ${octet} "." ${octet} "." ${octet}`,
  uri: `"http" "s"? "://" ${hostname} ("/" [a-zA-Z0-9._~-]{0,64}){0,8} ("?" [a-zA-Z0-9._~=&-]{1,128})?`,
};
