import { type ReactNode, useEffect } from 'react';
import styles from './page.module.css';

/** A page: its name, what can be done on it, and its sections. */
export function Page(props: {
  readonly title: string;
  /** Beside the title, in place of plain text. */
  readonly heading?: ReactNode;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}) {
  const { title } = props;
  useEffect(() => {
    document.title = `${title} · Scarmonit`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <div className={styles.names}>
          <h1>{props.heading ?? title}</h1>
          {props.about === undefined ? null : <div className={styles.about}>{props.about}</div>}
        </div>
        {props.actions === undefined ? null : <div className={styles.actions}>{props.actions}</div>}
      </div>
      {props.children}
    </div>
  );
}

/** A card of a page. */
export function Section(props: {
  readonly title?: string;
  readonly aside?: ReactNode;
  readonly id?: string;
  readonly isFlush?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section className={styles.section} id={props.id} aria-label={props.title}>
      {props.title === undefined ? null : (
        <div className={styles.sectionHead}>
          <h2>{props.title}</h2>
          {props.aside === undefined ? null : <div className={styles.aside}>{props.aside}</div>}
        </div>
      )}
      <div className={props.isFlush === true ? undefined : styles.body}>{props.children}</div>
    </section>
  );
}
