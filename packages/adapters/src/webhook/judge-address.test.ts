import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAddress } from './judge-address.ts';

describe('judgeAddress', () => {
  it.each([
    ['93.184.215.14', 'public'],
    ['1.1.1.1', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['100.128.0.0', 'public'],
    ['fc00::1', 'private'],
    ['fdff::1', 'private'],
    ['169.254.169.254', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['100.100.100.200', 'forbidden'],
    ['168.63.129.16', 'forbidden'],
    ['0.0.0.0', 'forbidden'],
    ['::', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['198.18.0.1', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['fe80::1%eth0', 'forbidden'],
    ['fec0::1', 'forbidden'],
    ['ff02::1', 'forbidden'],
    ['2001:db8::1', 'forbidden'],
    ['2001::1', 'forbidden'],
    ['2002:7f00:1::', 'forbidden'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:FFFF:a00:1', 'private'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['::ffff:1.1.1.1', 'public'],
    ['::127.0.0.1', 'forbidden'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::1.1.1.1', 'public'],
    ['64:ff9b:1::1.1.1.1', 'forbidden'],
  ])('finds %s %s', (address, kind) => {
    expect(judgeAddress(address)).toBe(kind);
  });

  it.each([
    '',
    'localhost',
    '1.2.3',
    '256.1.1.1',
    '0x7f.0.0.1',
    '1:2',
    '1::2::3',
    ':::',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
  ])('takes %j for no address', (text) => {
    expect(judgeAddress(text)).toBeUndefined();
  });

  it('says the same of an IPv4 address however IPv6 writes it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
        const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        const kinds = [`::ffff:${address}`, `::ffff:${groups}`, `0:0:0:0:0:ffff:${groups}`, `64:ff9b::${address}`];
        expect(kinds.map(judgeAddress)).toEqual(kinds.map(() => judgeAddress(address)));
      }),
    );
  });

  it('finds public nothing that lies in the ranges of this machine and its networks, as Node reads them', () => {
    const list = new BlockList();
    for (const [net, bits] of [
      ['127.0.0.0', 8],
      ['10.0.0.0', 8],
      ['172.16.0.0', 12],
      ['192.168.0.0', 16],
    ] as const) {
      list.addSubnet(net, bits, 'ipv4');
    }
    for (const [net, bits] of [
      ['fc00::', 7],
      ['fe80::', 10],
      ['ff00::', 8],
    ] as const)
      list.addSubnet(net, bits, 'ipv6');
    const near = fc.constantFrom('127.', '10.', '172.16.', '172.31.', '192.168.').map((start) => {
      const parts = start.split('.').filter((part) => part !== '');
      return [...parts, '7', '8', '9'].slice(0, 4).join('.');
    });
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), near), fc.ipV6(), (four, six) => {
        if (list.check(four, 'ipv4')) expect(judgeAddress(four)).not.toBe('public');
        if (list.check(six, 'ipv6')) expect(judgeAddress(six)).not.toBe('public');
        expect(judgeAddress(six)).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});
