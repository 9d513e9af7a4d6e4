import styles from './status.module.css';

export type Tone = 'neutral' | 'good' | 'warn' | 'bad';

/** A state in a word, with a shape that says the same without colour: disc good, triangle warning, diamond bad, ring neutral. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span className={styles.status} data-tone={tone}>
      <Mark tone={tone} />
      {children}
    </span>
  );
}

/** The shape alone, where the word stands elsewhere. */
export function Mark({ tone }: { readonly tone: Tone }) {
  return (
    <svg className={styles.mark} data-tone={tone} width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      {shapes[tone]}
    </svg>
  );
}

const shapes = {
  neutral: <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  good: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  warn: <path d="M5 .8 9.600 9.200H.4z" fill="currentColor" />,
  bad: <path d="M5 .2 9.800 5 5 9.800.2 5z" fill="currentColor" />,
};
