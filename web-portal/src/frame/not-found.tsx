import { Link } from '@tanstack/react-router';
import { Notice } from '../parts/notice.tsx';

export function NotFound() {
  return (
    <Notice title="There is no such page" text="The address may be old, or mistyped.">
      <Link to="/">Go to the overview</Link>
    </Notice>
  );
}
