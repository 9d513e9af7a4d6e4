import { CopyButton } from './copy-button.tsx';
import styles from './digest.module.css';

/** A long name of bits, short on the page and whole in the clipboard. */
export function Digest({ value, of }: { readonly value: string; readonly of: string }) {
  return (
    <span className={styles.digest}>
      <code title={value}>{value.slice(0, 12)}</code>
      <CopyButton text={value} label={`Copy the ${of}`} />
    </span>
  );
}
