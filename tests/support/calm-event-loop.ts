import { vi } from 'vitest';
import { EventLoopDelay } from '../../infrastructure/system/event-loop-delay.ts';

// A server refuses requests while its event loop is late. Servers within the process of a test would refuse what the test
// sends after another program had the processor for two seconds.
vi.spyOn(EventLoopDelay.prototype, 'currentMs', 'get').mockReturnValue(0);
