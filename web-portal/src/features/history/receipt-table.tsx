import type { ReceiptView } from '@scarmonit/protocol/admin/receipt';
import { Link } from '@tanstack/react-router';
import { Ago } from '../../parts/ago.tsx';
import { Digest } from '../../parts/digest.tsx';
import { Table } from '../../parts/table.tsx';
import styles from './receipt-table.module.css';
import { summarizeReceipt } from './summarize-receipt.ts';

const columns = [
  { title: 'No.', isNumber: true },
  { title: 'When' },
  { title: 'Kind' },
  { title: 'Of' },
  { title: 'What it says' },
  { title: 'Hash' },
];

/** Receipts in a row each, with what they say in words; each opens. */
export function ReceiptTable({ receipts }: { readonly receipts: readonly ReceiptView[] }) {
  return (
    <Table label="Receipts" columns={columns}>
      {receipts.map((receipt) => (
        <tr key={receipt.sequence} id={`receipt-${receipt.sequence}`}>
          <td data-number="">{receipt.sequence}</td>
          <td>
            <Ago at={receipt.createdAt} />
          </td>
          <td>{receipt.kind}</td>
          <td>
            <Link to="/models/$name" params={{ name: receipt.model }} hash={`v${receipt.version}`}>
              {receipt.model} {receipt.version}
            </Link>
          </td>
          <td className={styles.says}>
            <details className={styles.body}>
              <summary>{summarizeReceipt(receipt)}</summary>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
              <pre tabIndex={0}>{JSON.stringify(receipt.body, null, 2)}</pre>
              {receipt.rolloutId === null ? null : (
                <Link to="/rollouts/$id" params={{ id: receipt.rolloutId }}>
                  The rollout
                </Link>
              )}
            </details>
          </td>
          <td>
            <Digest value={receipt.hash} of="hash" />
          </td>
        </tr>
      ))}
    </Table>
  );
}
