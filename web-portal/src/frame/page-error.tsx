import type { ErrorComponentProps } from '@tanstack/react-router';
import { describeError } from '../format/describe-error.ts';
import { Button } from '../parts/button.tsx';
import { Notice } from '../parts/notice.tsx';

export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <Notice title="This page broke" text={describeError(error)}>
      <Button onClick={reset}>Try again</Button>
    </Notice>
  );
}
