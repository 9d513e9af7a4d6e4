import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rolloutsQuery } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { namePhase, toneOfPhase } from './describe-phase.ts';

const columns = [
  { title: 'Rollout' },
  { title: 'Strategy' },
  { title: 'Phase' },
  { title: 'Began' },
  { title: 'By' },
  { title: 'Why it stands there' },
];

/** Which versions are on their way, and how earlier ones fared. */
export function RolloutsPage() {
  const rollouts = useQuery(rolloutsQuery());
  return (
    <Page title="Rollouts">
      <Section isFlush>
        <Answered query={rollouts} label="The rollouts are loading">
          {({ data }) =>
            data.length === 0 ? (
              <Notice
                title="No rollout yet"
                text="Change stable in scarmonit.yaml, and the model moves there by its strategy; or start one:"
                command="npx scarmonit rollout start MODEL VERSION"
              />
            ) : (
              <Table label="Rollouts, newest first" columns={columns}>
                {data.map(({ id, model, from, to, strategy, state, createdAt, createdBy }) => (
                  <tr key={id}>
                    <td>
                      <Link to="/rollouts/$id" params={{ id }}>
                        <strong>{model}</strong> {from} → {to}
                      </Link>
                    </td>
                    <td>{strategy}</td>
                    <td>
                      <Status tone={toneOfPhase(state.phase, state.paused)}>{namePhase(state)}</Status>
                    </td>
                    <td>
                      <Ago at={createdAt} />
                    </td>
                    <td>{createdBy}</td>
                    <td>{state.reason}</td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Answered>
      </Section>
    </Page>
  );
}
