import { useLayoutEffect, useRef } from 'preact/hooks';

/** Focuses the element when it appears. */
export function useFocus<E extends HTMLElement>(wanted = true) {
  const element = useRef<E>(null);
  useLayoutEffect(() => {
    if (wanted) element.current?.focus();
  }, [wanted]);
  return element;
}
