// GET /user/balance (api reference §1.4). Amounts are cut to cents: nobody is shown money that is
// not there.

import { overloadedError } from '../../protocol/openai/errors.js';
import { PlatformUnavailableError, type Balance } from '../../store/types.js';
import { balanceStrings } from '../../store/money.js';
import type { App } from '../app.js';
import type { Exchange } from '../exchange.js';

export async function getBalance(exchange: Exchange, { platform }: App): Promise<void> {
  try {
    exchange.sendJson(200, balanceBody(await platform.balance(exchange.principal.accountId)));
  } catch (error) {
    if (error instanceof PlatformUnavailableError) throw overloadedError(error);
    throw error;
  }
}

function balanceBody({ isAvailable, infos }: Balance): string {
  return JSON.stringify({
    is_available: isAvailable,
    balance_infos: infos.map((info) => {
      const { total, granted, toppedUp } = balanceStrings(info);
      return {
        currency: info.currency,
        total_balance: total,
        granted_balance: granted,
        topped_up_balance: toppedUp,
      };
    }),
  });
}
