import { vi } from 'vitest';
import { EventLoopDelay } from '../../infrastructure/system/event-loop-delay.ts';

// A server refuses requests while its event loop is late. Servers within the process of a test would refuse what the test
// sends on a machine that is busy for longer than a single stall.
vi.spyOn(EventLoopDelay.prototype, 'currentMs', 'get').mockReturnValue(0);
