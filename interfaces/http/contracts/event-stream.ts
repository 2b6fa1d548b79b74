import type { Watch } from '../../../application/watch.ts';

/** The body of a response that consists of the hints of a watch, as Server-Sent Events. Sending it closes the watch. */
export class EventStream {
  constructor(readonly watch: Watch) {}
}

/** The event that tells a position (HTML standard, section 9.2). */
export function positionEvent(position: number): string {
  return `event: position\nid: ${position}\ndata: ${JSON.stringify({ position })}\n\n`;
}
