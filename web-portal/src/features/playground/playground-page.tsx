import type { ModelView } from '@scarmonit/protocol/admin/model';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { modelsQuery } from '../../api/queries.ts';
import { Answered } from '../../parts/answered.tsx';
import { Choice } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ChatBench } from './chat-bench.tsx';
import { ClassificationBench } from './classification-bench.tsx';
import { EmbeddingBench } from './embedding-bench.tsx';

/** The same prompt to two versions, side by side. */
export function PlaygroundPage() {
  const models = useQuery(modelsQuery);
  const navigate = useNavigate();
  const search = useSearch({ from: '/playground' });
  const found = models.data?.data.find(({ name }) => name === search.model) ?? models.data?.data[0];
  return (
    <Page
      title="Playground"
      actions={
        found === undefined ? null : (
          <Choice
            label="Model"
            isLabelHidden
            value={found.name}
            options={(models.data?.data ?? []).map(({ name, task }) => ({ value: name, title: `${name} (${task})` }))}
            onChange={(model) => void navigate({ to: '/playground', search: { model } })}
          />
        )
      }
    >
      <Answered query={models} label="The models are loading">
        {() =>
          found === undefined ? (
            <Section>
              <Notice
                title="There is no model to play with"
                command="npx scarmonit models add hf:OWNER/REPO/FILE.gguf"
              />
            </Section>
          ) : (
            <Bench key={found.name} model={found} />
          )
        }
      </Answered>
    </Page>
  );
}

function Bench({ model }: { readonly model: ModelView }) {
  const navigate = useNavigate();
  const search = useSearch({ from: '/playground' });
  const versions = model.versions.map(({ version }) => version);
  const pick = (wanted: string | undefined, fallback: string | undefined): string | undefined =>
    wanted !== undefined && versions.includes(wanted) ? wanted : fallback;
  const left = pick(search.left, model.stable) ?? model.stable;
  const pickOther = (wanted: string | undefined): string | undefined =>
    pick(
      wanted,
      versions.find((version) => version !== left),
    );
  const right = search.right === 'none' ? undefined : pickOther(search.right === left ? undefined : search.right);
  const sides = right === undefined ? [left] : [left, right];
  const onPick = (side: number, version: string): void =>
    void navigate({
      to: '/playground',
      search: {
        model: model.name,
        left,
        ...(right === undefined ? {} : { right }),
        [side === 0 ? 'left' : 'right']: version,
      },
      replace: true,
    });
  if (model.task === 'chat') return <ChatBench model={model} sides={sides} onPick={onPick} />;
  if (model.task === 'embedding') return <EmbeddingBench model={model} sides={sides} onPick={onPick} />;
  return <ClassificationBench model={model} sides={sides} onPick={onPick} />;
}
