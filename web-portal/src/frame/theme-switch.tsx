import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';

type Theme = 'light' | 'dark';

/** Turns to the other theme, and remembers it. Until then the system's own counts. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme);
  const other: Theme = theme === 'dark' ? 'light' : 'dark';
  return (
    <Button
      kind="quiet"
      aria-label={`Use the ${other} theme`}
      onClick={() => {
        document.documentElement.dataset['theme'] = other;
        localStorage.setItem('theme', other);
        setTheme(other);
      }}
    >
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </Button>
  );
}

function readTheme(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
