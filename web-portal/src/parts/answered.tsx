import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { describeError } from '../format/describe-error.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';
import { Skeleton } from './skeleton.tsx';

/** Shows an answer, or that it is awaited, or why there is none. What was answered before stays while it is asked for again. */
export function Answered<Data>(props: {
  readonly query: UseQueryResult<Data>;
  /** What is awaited, as a reader of the screen hears it. */
  readonly label: string;
  readonly rows?: number;
  readonly children: (data: Data) => ReactNode;
}) {
  const { query, label, rows = 5 } = props;
  if (query.data !== undefined) return props.children(query.data);
  if (query.error === null) return <Skeleton rows={rows} label={label} />;
  return (
    <Notice title="This could not be loaded" text={describeError(query.error)}>
      <Button onClick={() => void query.refetch()}>Try again</Button>
    </Notice>
  );
}
