import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { modelQuery, receiptsQuery, versionsQuery } from '../../api/queries.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ReceiptTable } from '../history/receipt-table.tsx';
import { nameGoal } from './describe-state.ts';
import { DriftList } from './drift-list.tsx';
import { formatGoal } from './format-goal.ts';
import { ModelFigures } from './model-figures.tsx';
import styles from './model-page.module.css';
import { VersionCard } from './version-card.tsx';

const receiptsShown = 15;

/** One model: what it promises, its versions, and the evidence for them. */
export function ModelPage() {
  const { name } = useParams({ from: '/models/$name' });
  const model = useQuery(modelQuery(name));
  const records = useQuery(versionsQuery(name));
  const receipts = useQuery(receiptsQuery({ model: name, limit: receiptsShown }));
  return (
    <Page
      title={name}
      about={
        model.data === undefined ? undefined : (
          <>
            {model.data.task} · stable {model.data.stable} · since <Ago at={model.data.createdAt} />
          </>
        )
      }
      actions={
        <>
          <Link to="/playground" search={{ model: name }}>
            Try it
          </Link>
          <Link to="/requests" search={{ model: name }}>
            Its requests
          </Link>
          <Link to="/history" search={{ model: name }}>
            Its history
          </Link>
        </>
      }
    >
      <Answered query={model} label="The model is loading">
        {(found) => (
          <>
            <Section title="Goals">
              {Object.keys(found.goals).length === 0 ? (
                <p>
                  None are declared: nothing can be said to be good or bad. Add a section goals to the model in
                  scarmonit.yaml.
                </p>
              ) : (
                <dl className={styles.goals}>
                  {Object.entries(found.goals).map(([goal, value]) => (
                    <div key={goal}>
                      <dt>{nameGoal(goal)}</dt>
                      <dd>{formatGoal(goal, value)}</dd>
                    </div>
                  ))}
                </dl>
              )}
            </Section>
            <ModelFigures model={found} />
            <DriftList model={name} />
            <Answered query={records} label="The versions are loading">
              {({ data }) => (
                <>
                  {[...data].reverse().map((record) => (
                    <VersionCard
                      key={record.version}
                      record={record}
                      stable={found.stable}
                      live={found.versions.find(({ version }) => version === record.version)}
                    />
                  ))}
                </>
              )}
            </Answered>
          </>
        )}
      </Answered>
      <Section
        title="Receipts"
        aside={
          <Link to="/history" search={{ model: name }}>
            all
          </Link>
        }
        isFlush
      >
        <Answered query={receipts} label="The receipts are loading">
          {({ data }) =>
            data.length === 0 ? (
              <Notice
                title="No receipts yet"
                text="Each validation, load test and step of a rollout leaves one."
                command={`npx scarmonit rollout start ${name} VERSION`}
              />
            ) : (
              <ReceiptTable receipts={data} />
            )
          }
        </Answered>
      </Section>
    </Page>
  );
}
