import { AlertDialog } from '@base-ui/react/alert-dialog';
import { type ReactNode, useState } from 'react';
import { onlyAdmins, useMayChange } from '../api/use-may-change.ts';
import { describeError } from '../format/describe-error.ts';
import { Button, type ButtonProps } from './button.tsx';
import styles from './dialog.module.css';

/** A button that says what will happen and asks once; out of reach of who may not change anything. */
export function Confirm(props: {
  readonly button: ReactNode;
  readonly kind?: ButtonProps['kind'];
  readonly isDisabled?: boolean;
  /** On hover, such as why it is disabled. */
  readonly hint?: string | undefined;
  readonly title: string;
  /** What will happen. */
  readonly text: ReactNode;
  readonly confirm: string;
  readonly onConfirm: () => Promise<unknown>;
}) {
  const mayChange = useMayChange();
  const [isOpen, setOpen] = useState(false);
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly error?: string }>({ isBusy: false });
  const run = async (): Promise<void> => {
    setState({ isBusy: true });
    try {
      await props.onConfirm();
      setState({ isBusy: false });
      setOpen(false);
    } catch (error) {
      setState({ isBusy: false, error: describeError(error) });
    }
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={setOpen}>
      <AlertDialog.Trigger
        disabled={props.isDisabled === true || !mayChange}
        render={<Button kind={props.kind ?? 'plain'} title={mayChange ? props.hint : onlyAdmins} />}
      >
        {props.button}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={styles.backdrop} />
        <AlertDialog.Popup className={styles.popup}>
          <AlertDialog.Title className={styles.title}>{props.title}</AlertDialog.Title>
          <AlertDialog.Description className={styles.text} render={<div />}>
            {props.text}
          </AlertDialog.Description>
          {state.error === undefined ? null : (
            <p className={styles.error} role="alert">
              {state.error}
            </p>
          )}
          <div className={styles.buttons}>
            <AlertDialog.Close render={<Button />}>Cancel</AlertDialog.Close>
            <Button
              kind={props.kind === 'danger' ? 'danger' : 'main'}
              disabled={state.isBusy}
              onClick={() => void run()}
            >
              {props.confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
