import type { ReactNode } from 'react';
import styles from './table.module.css';

/** Rows with a heading; scrolls within itself where it is wider than the page. `numbers` are columns set to the right. */
export function Table(props: {
  readonly label: string;
  readonly columns: readonly { readonly title: string; readonly isNumber?: boolean; readonly isHidden?: boolean }[];
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div className={styles.scroller} tabIndex={0} role="group" aria-label={props.label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {props.columns.map(({ title, isNumber, isHidden }) => (
              <th key={title} scope="col" data-number={isNumber === true ? '' : undefined}>
                {isHidden === true ? <span className="unseen">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
