import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { useFocus } from './use-focus.ts';

/** Preact has a type of its own for each type of input. */
const TYPES = { text: { type: 'text' }, email: { type: 'email' }, password: { type: 'password' } } as const;

interface TextFieldProps {
  readonly label: string;
  readonly value: Signal<string>;
  /** Whether it gets the focus when it appears. */
  readonly focused?: boolean;
  readonly hint?: string;
  readonly type?: keyof typeof TYPES;
  readonly name?: string;
  readonly autocomplete: 'off' | 'name' | 'username' | 'current-password' | 'new-password';
  readonly required?: boolean;
  readonly readonly?: boolean;
  readonly pattern?: string;
  readonly minlength?: number;
}

/** A labelled input. It has no `maxlength`, because that cuts off pasted text; the server explains its limits. */
export function TextField({ label, value, type = 'text', focused = false, hint, ...others }: TextFieldProps) {
  const id = useId();
  const input = useFocus<HTMLInputElement>(focused);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        value={value.value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
        {...(hint !== undefined && { 'aria-describedby': `${id}-hint` })}
        {...others}
        {...TYPES[type]}
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
