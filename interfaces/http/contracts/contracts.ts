import { backendIntegration1 } from './1-backend-integration.ts';
import { todoWebApp001 } from './001-todo-web-app.ts';
import { backendApi002 } from './002-backend-api.ts';
import { todoBackendAuth002 } from './002-todo-backend-auth.ts';
import { backendApi003 } from './003-backend-api.ts';
import { fastapiBackend007 } from './007-fastapi-backend.ts';
import type { Contract } from './contract.ts';

/** Every contract of the server. A new contract is one file beside this one and one line here. */
export const CONTRACTS: readonly Contract[] = [
  fastapiBackend007,
  backendApi003,
  todoBackendAuth002,
  backendIntegration1,
  backendApi002,
  todoWebApp001,
];

/** The names that a setting can choose from. */
export const CONTRACT_NAMES: readonly string[] = CONTRACTS.map(({ name }) => name);
