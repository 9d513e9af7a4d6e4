import type { SilenceView } from '@scarmonit/protocol/admin/alert';
import { useQueryClient } from '@tanstack/react-query';
import { ask } from '../../api/ask-server.ts';
import { alertsQuery } from '../../api/queries.ts';
import { Until } from '../../parts/ago.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Section } from '../../parts/page.tsx';
import { Table } from '../../parts/table.tsx';
import { describeSilence } from './describe-alert.ts';

const columns = [
  { title: 'What' },
  { title: 'Why' },
  { title: 'By' },
  { title: 'Ends' },
  { title: 'End', isHidden: true },
];

/** What is kept from the channels now; nothing at all where nothing is. */
export function SilenceList({ silences }: { readonly silences: readonly SilenceView[] }) {
  const client = useQueryClient();
  if (silences.length === 0) return null;
  const end = async (id: string): Promise<void> => {
    await ask({ method: 'DELETE', path: `/api/admin/alerts/silences/${encodeURIComponent(id)}` });
    void client.invalidateQueries({ queryKey: alertsQuery.queryKey });
  };
  return (
    <Section title="Silences" aside="shown, and told to nobody" isFlush>
      <Table label="Silences" columns={columns}>
        {silences.map((silence) => (
          <tr key={silence.id}>
            <td>
              <strong>{describeSilence(silence)}</strong>
            </td>
            <td>{silence.reason}</td>
            <td>{silence.createdBy}</td>
            <td>
              <Until at={silence.until} />
            </td>
            <td>
              <Confirm
                button="End"
                title={`End the silence of ${describeSilence(silence)}?`}
                text="What fires then is told at once."
                confirm="End it"
                onConfirm={() => end(silence.id)}
              />
            </td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
