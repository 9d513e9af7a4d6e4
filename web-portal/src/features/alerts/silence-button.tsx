import type { AlertView, NewSilence } from '@scarmonit/protocol/admin/alert';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../../api/ask-server.ts';
import { alertsQuery } from '../../api/queries.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import styles from './alerts-page.module.css';

const lengths = [
  { value: '60', title: 'an hour' },
  { value: '480', title: '8 hours' },
  { value: '1440', title: 'a day' },
  { value: '10080', title: 'a week' },
];

/** Keeps an alert, or all of its model, from the channels for a while. */
export function SilenceButton({ alert }: { readonly alert: AlertView }) {
  const client = useQueryClient();
  const [minutes, setMinutes] = useState('60');
  const [reason, setReason] = useState('');
  const [extent, setExtent] = useState<'rule' | 'model'>('rule');
  const silence = async (): Promise<void> => {
    const subject = extent === 'model' && alert.model !== null ? { model: alert.model } : { rule: alert.rule };
    const json: NewSilence = {
      ...subject,
      minutes: Number(minutes),
      reason: reason.trim() || 'silenced in the portal',
    };
    await ask({ method: 'POST', path: '/api/admin/alerts/silences', json });
    void client.invalidateQueries({ queryKey: alertsQuery.queryKey });
  };
  return (
    <Confirm
      button="Silence"
      title={`Silence ${alert.title}?`}
      text={
        <div className={styles.silence}>
          <p>It is shown here all the same, but nobody is told of it until then.</p>
          <Choice label="For" value={minutes} options={lengths} onChange={setMinutes} />
          {alert.model === null ? null : (
            <Choice
              label="What"
              value={extent}
              options={[
                { value: 'rule', title: 'this alert alone' },
                { value: 'model', title: `every alert of ${alert.model}` },
              ]}
              onChange={setExtent}
            />
          )}
          <TextField label="Why" value={reason} onChange={setReason} placeholder="such as: planned maintenance" />
        </div>
      }
      confirm="Silence it"
      onConfirm={silence}
    />
  );
}
