import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { modelsQuery } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { toneOfState } from './describe-state.ts';

const columns = [
  { title: 'Model' },
  { title: 'Task' },
  { title: 'Stable' },
  { title: 'State' },
  { title: 'Versions', isNumber: true },
  { title: 'Since' },
];

/** What can be asked for here. */
export function ModelsPage() {
  const models = useQuery(modelsQuery);
  return (
    <Page title="Models">
      <Section isFlush>
        <Answered query={models} label="The models are loading">
          {({ data }) =>
            data.length === 0 ? (
              <Notice
                title="No model is served yet"
                text="Declare one in scarmonit.yaml; the server takes it over as soon as the file is saved. Or add one from the command line:"
                command="npx scarmonit models add hf:OWNER/REPO/FILE.gguf"
              />
            ) : (
              <Table label="Models" columns={columns}>
                {data.map(({ name, task, stable, versions, createdAt }) => {
                  const serving = versions.find(({ version }) => version === stable);
                  return (
                    <tr key={name}>
                      <td>
                        <Link to="/models/$name" params={{ name }}>
                          <strong>{name}</strong>
                        </Link>
                      </td>
                      <td>{task}</td>
                      <td>{stable}</td>
                      <td>
                        <Status tone={serving === undefined ? 'bad' : toneOfState(serving.state)}>
                          {serving?.state ?? 'not loaded'}
                        </Status>
                      </td>
                      <td data-number="">{versions.length}</td>
                      <td>
                        <Ago at={createdAt} />
                      </td>
                    </tr>
                  );
                })}
              </Table>
            )
          }
        </Answered>
      </Section>
    </Page>
  );
}
