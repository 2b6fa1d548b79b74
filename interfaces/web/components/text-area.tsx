import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';

/** A labelled field for text of several lines. */
export function TextArea({ label, value }: { label: string; value: Signal<string> }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={3}
        value={value.value}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
      />
    </div>
  );
}
