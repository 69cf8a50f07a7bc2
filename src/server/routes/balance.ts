// GET /user/balance (api reference §1.4). Amounts are cut to cents: nobody is shown money that is
// not there.

import { balanceJson } from '../../store/money.js';
import type { App } from '../app.js';
import type { Exchange } from '../exchange.js';

export async function getBalance(exchange: Exchange, { platform }: App): Promise<void> {
  const balance = await platform.balance(exchange.principal.accountId);
  exchange.sendJson(200, JSON.stringify(balanceJson(balance)));
}
