import styles from './skeleton.module.css';

/** What is coming, in outline. Appears only when the wait can be felt. */
export function Skeleton({ rows, label }: { readonly rows: number; readonly label: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-busy="true">
      <span className="unseen">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <span key={row} className={styles.row} />
      ))}
    </div>
  );
}
