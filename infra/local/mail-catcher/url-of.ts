/** The address of a server that listens, for people and settings: IPv6 goes in brackets. */
import type { AddressInfo } from 'node:net';

export function urlOf(scheme: 'http' | 'smtp', { address, family, port }: AddressInfo): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
