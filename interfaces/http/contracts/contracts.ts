import type { Contract } from '../contract.ts';
import { backendApi002 } from './backend-api-002.ts';
import { backendApi003 } from './backend-api-003.ts';
import { backendIntegration1 } from './backend-integration-1.ts';
import { fastapiBackend007 } from './fastapi-backend-007.ts';
import { todoBackendAuth002 } from './todo-backend-auth-002.ts';

/** Every contract that the server speaks. A further one is a file beside this one and a line here. */
export const CONTRACTS: readonly Contract[] = [
  fastapiBackend007,
  backendApi003,
  todoBackendAuth002,
  backendIntegration1,
  backendApi002,
];

export const CONTRACT_NAMES: readonly string[] = CONTRACTS.map(({ name }) => name);
