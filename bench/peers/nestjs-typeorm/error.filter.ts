import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, HttpStatus, Logger } from '@nestjs/common';
import type { Response } from 'express';

/** Nest's exceptions in the words of the contract. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (!(exception instanceof HttpException)) {
      this.logger.error(exception);
      response.status(500).json({ error: 'internal_error', detail: 'Internal server error' });
      return;
    }
    const status = exception.getStatus();
    if (status === HttpStatus.UNAUTHORIZED) response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(status).json({ error: NAMES[status] ?? 'bad_request', detail: detail(exception) });
  }
}

const NAMES: Record<number, string> = {
  400: 'validation_error',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'payload_too_large',
};

/** The validation pipe gives a list of messages. */
function detail(exception: HttpException): string {
  const answer = exception.getResponse();
  const message = typeof answer === 'object' && 'message' in answer ? answer.message : exception.message;
  return Array.isArray(message) ? message.join('; ') : String(message);
}
