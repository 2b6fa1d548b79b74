import type { Contract } from '../contract.ts';
import { fastapiBackend007 } from './fastapi-backend-007.ts';

/** Every contract that the server speaks. A further one is a file beside this one and a line here. */
export const CONTRACTS: readonly Contract[] = [fastapiBackend007];

export const CONTRACT_NAMES: readonly string[] = CONTRACTS.map(({ name }) => name);
