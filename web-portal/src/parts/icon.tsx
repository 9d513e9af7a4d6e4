/** Drawn on a grid of 16, one line each. */
const paths = {
  mark: 'M2 11h4V8h4V4h4',
  overview: 'M2.5 13.5v-4m3.7 4v-8m3.6 8v-5m3.7 5v-11',
  models: 'M8 1.8 14 5v6l-6 3.2L2 11V5zM2.3 5.2 8 8.2l5.7-3M8 8.2v5.7',
  rollouts: 'M2 13.5h3.5v-4H9v-4h3.5V2M10.3 4l2.2-2 2.2 2',
  playground: 'M13.5 3h-11v8H5v2.7L8.2 11h5.3z',
  requests: 'M2 4h12M2 8h12M2 12h7',
  keys: 'M9.8 8.7a3.3 3.3 0 1 0-2.5-2.5L2 11.500v2.500h2.500v-1.800h1.800v-1.800h1.800z',
  history: 'M2.2 5.500A6.200 6.200 0 1 1 1.800 8M2 2.500v3.200h3.200M8 4.800V8l2.300 1.500',
  alerts:
    'M8 1.800a4.200 4.200 0 0 0-4.200 4.200c0 4-1.600 5-1.600 5h11.600s-1.600-1-1.600-5A4.200 4.200 0 0 0 8 1.800M6.700 13.500a1.500 1.500 0 0 0 2.600 0',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10m3.600-1.400L14 14',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  leave: 'M6 2.500H3v11h3M9.500 5l3 3-3 3M12.500 8H6',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M8 1.300v1.200m0 11v1.200M14.700 8h-1.200m-11 0H1.300m11.400-4.700-.8.800m-7.800 7.800-.8.800m9.400 0-.8-.8M4.100 4.100l-.8-.8',
  moon: 'M13.500 9.700A5.800 5.800 0 0 1 6.300 2.500a5.800 5.800 0 1 0 7.200 7.200',
  check: 'm3 8.500 3.300 3.300L13 4.800',
  cross: 'm4 4 8 8m0-8-8 8',
  warn: 'M8 2 1.800 13.300h12.400zM8 6.500v3m0 1.800v.01',
  wait: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.800V8l2 1.500',
  pause: 'M5.500 3.500v9m5-9v9',
  up: 'M5 7.300 7.800 2c1 0 1.700.8 1.500 1.800l-.5 2.700h3.700c.800 0 1.400.8 1.200 1.500l-1.300 4.500c-.2.700-.7 1-1.300 1H5zM5 7.300H2.500v6.200H5',
  down: 'M11 8.700 8.200 14c-1 0-1.700-.8-1.500-1.800l.5-2.700H3.500c-.8 0-1.400-.8-1.200-1.500l1.300-4.500c.2-.7.7-1 1.300-1H11zM11 8.700h2.500V2.500H11',
  copy: 'M5.500 5.500v-3h8v8h-3m-8-5h8v8h-8z',
  send: 'M8 13V3M3.800 7.200 8 3l4.200 4.200',
  stop: 'M4 4h8v8H4z',
  arrow: 'M3 8h10M9 4l4 4-4 4',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words; readers of the screen hear only the words. */
export function Icon({ name }: { readonly name: IconName }) {
  const width = name === 'more' ? 2.4 : 1.4;
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'mark' ? 2 : width}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
