import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { places } from './places.ts';

/** How long `g` waits for the letter of a page. */
const waitMs = 1200;

/** `/` searches; `g` and the letter of a page goes there. Nothing happens while something is typed. */
export function useShortcuts(onSearch: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let goneAt = Number.NEGATIVE_INFINITY;
    const listen = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const place = places.find(({ key }) => key === event.key);
      if (event.key === '/') {
        event.preventDefault();
        onSearch();
      } else if (event.timeStamp - goneAt < waitMs && place !== undefined) {
        goneAt = Number.NEGATIVE_INFINITY;
        void navigate({ to: place.to });
      } else if (event.key === 'g') {
        goneAt = event.timeStamp;
      }
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [navigate, onSearch]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
