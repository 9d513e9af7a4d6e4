import type { ComponentProps } from 'react';
import styles from './button.module.css';

export interface ButtonProps extends ComponentProps<'button'> {
  /** `plain` unless it is the one thing to do (`main`), stands in a row of icons (`quiet`), or ends something (`danger`). */
  readonly kind?: 'main' | 'plain' | 'quiet' | 'danger';
}

export function Button({ kind = 'plain', className = '', ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={`${styles.button} ${className}`} data-kind={kind} />;
}
