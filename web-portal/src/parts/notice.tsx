import type { ReactNode } from 'react';
import styles from './notice.module.css';

/** Stands where something else would be, and says why, and what to do. */
export function Notice(props: {
  readonly title: string;
  readonly text?: string;
  /** A command to run, shown as one. */
  readonly command?: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className={styles.notice}>
      <h2>{props.title}</h2>
      {props.text === undefined ? null : <p>{props.text}</p>}
      {props.command === undefined ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <pre tabIndex={0}>{props.command}</pre>
      )}
      {props.children}
    </div>
  );
}
