import { type ReactNode, useId } from 'react';
import styles from './field.module.css';

/** A choice of one, as the system shows it. */
export function Choice<Value extends string>(props: {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly title: string }[];
  readonly onChange: (value: Value) => void;
}) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={props.isLabelHidden === true ? 'unseen' : styles.label}>
        {props.label}
      </label>
      <select
        id={id}
        className={styles.control}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value as Value)}
      >
        {props.options.map(({ value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A line of text. */
export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: ReactNode;
  readonly placeholder?: string;
  readonly inputMode?: 'numeric' | 'text';
  readonly isRequired?: boolean;
}) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {props.label}
      </label>
      <input
        id={id}
        className={styles.control}
        value={props.value}
        placeholder={props.placeholder}
        inputMode={props.inputMode}
        required={props.isRequired}
        autoComplete="off"
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.hint === undefined ? null : <p className={styles.hint}>{props.hint}</p>}
    </div>
  );
}
