import { Skeleton } from '../parts/skeleton.tsx';

export function PageLoading() {
  return <Skeleton rows={6} label="The page is loading" />;
}
