/**
 * What kind of place an IP address is.
 * - `public`: routed in the internet
 * - `loopback`, `private`: this machine, or a network of its owner's (RFC 1918, RFC 4193, RFC 6598)
 * - `forbidden`: nothing that a webhook could mean: link-local and metadata services of clouds, multicast, unspecified,
 *   reserved, documentation
 */
export type AddressKind = 'public' | 'loopback' | 'private' | 'forbidden';

type Range = readonly [cidr: string, kind: AddressKind];

/** Of the IANA IPv4 Special-Purpose Address Registry; the first that holds the address counts. */
const ranges4: readonly Range[] = [
  // Alibaba Cloud's metadata service, and Azure's platform service.
  ['100.100.100.200/32', 'forbidden'],
  ['168.63.129.16/32', 'forbidden'],
  ['127.0.0.0/8', 'loopback'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['0.0.0.0/8', 'forbidden'],
  ['169.254.0.0/16', 'forbidden'],
  ['192.0.0.0/24', 'forbidden'],
  ['192.0.2.0/24', 'forbidden'],
  ['192.88.99.0/24', 'forbidden'],
  ['198.18.0.0/15', 'forbidden'],
  ['198.51.100.0/24', 'forbidden'],
  ['203.0.113.0/24', 'forbidden'],
  ['224.0.0.0/3', 'forbidden'],
  ['0.0.0.0/0', 'public'],
];

/** Of the IANA IPv6 registries: only 2000::/3 is given out, and not all of it. */
const ranges6: readonly Range[] = [
  ['::1/128', 'loopback'],
  // Amazon's metadata service.
  ['fd00:ec2::254/128', 'forbidden'],
  ['fc00::/7', 'private'],
  ['2001::/23', 'forbidden'],
  ['2001:db8::/32', 'forbidden'],
  ['2002::/16', 'forbidden'],
  ['3fff::/20', 'forbidden'],
  ['2000::/3', 'public'],
  ['::/0', 'forbidden'],
];

/** What stands before an IPv4 address that is meant: mapped (RFC 4291), and translated by NAT64 (RFC 6052). */
const prefixes4 = ['::ffff:0:0/96', '64:ff9b::/96'].map(parseRange);

/**
 * @param address in the usual text form, as `dns.lookup` and the host of a parsed URL have it, without brackets
 * @returns undefined for what is no IP address
 */
export function judgeAddress(address: string): AddressKind | undefined {
  const four = parseIpv4(address);
  if (four !== undefined) return findKind(four, parsedRanges4);
  const six = parseIpv6(address);
  if (six === undefined) return undefined;
  if (prefixes4.some((range) => holds(range, six))) return findKind(six & 0xffff_ffffn, parsedRanges4);
  return findKind(six, parsedRanges6);
}

interface ParsedRange {
  readonly first: bigint;
  /** How many bits may differ. */
  readonly free: bigint;
}

type KindOfRange = readonly [ParsedRange, AddressKind];

const parsedRanges4 = ranges4.map(([cidr, kind]): KindOfRange => [parseRange(cidr), kind]);
const parsedRanges6 = ranges6.map(([cidr, kind]): KindOfRange => [parseRange(cidr), kind]);

function findKind(address: bigint, ranges: readonly KindOfRange[]): AddressKind {
  return ranges.find(([range]) => holds(range, address))?.[1] ?? 'forbidden';
}

function holds({ first, free }: ParsedRange, address: bigint): boolean {
  return address >> free === first >> free;
}

function parseRange(cidr: string): ParsedRange {
  const [address = '', length = ''] = cidr.split('/');
  const four = parseIpv4(address);
  const first = four ?? parseIpv6(address);
  if (first === undefined) throw new RangeError(`${cidr} is no range of addresses.`);
  return { first, free: BigInt((four === undefined ? 128 : 32) - Number(length)) };
}

/** Four decimal numbers and nothing else: other forms are for URL parsers, which turn them into this one. */
function parseIpv4(text: string): bigint | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => Number(part) > 255)) return undefined;
  return parts.reduce((address, part) => (address << 8n) | BigInt(part), 0n);
}

/** RFC 4291, section 2.2, with an IPv4 address at the end and a zone, which says nothing of the kind. */
function parseIpv6(text: string): bigint | undefined {
  const [withoutZone = ''] = text.split('%', 1);
  const sides = withoutZone.split('::');
  if (sides.length > 2) return undefined;
  const [head, tail] = sides.map(parseGroups);
  if (head === undefined || (sides.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return groups.reduce((address, group) => (address << 16n) | group, 0n);
}

function parseGroups(side: string): readonly bigint[] | undefined {
  if (side === '') return [];
  const groups: bigint[] = [];
  const texts = side.split(':');
  for (const [index, text] of texts.entries()) {
    const four = index === texts.length - 1 ? parseIpv4(text) : undefined;
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(text)) groups.push(BigInt(`0x${text}`));
    else return undefined;
  }
  return groups;
}
