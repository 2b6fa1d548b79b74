import type { ComponentChildren } from 'preact';

/** What failed, and what the person can do. Screen readers read it at once. */
export function FailureMessage({ text, children }: { text: string; children?: ComponentChildren }) {
  return (
    <div class="failure" role="alert">
      <p>{text}</p>
      {children}
    </div>
  );
}
