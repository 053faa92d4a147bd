import { describe, test } from 'vitest';
import { InvalidInput, scenario, zero } from '#varve';
import { examples } from '../examples.ts';
import { happened } from '../given.fixture.ts';
import { shop } from '../index.ts';
import { orders } from '../order/readtable.ts';
import { UserNotFound, UsernameTaken } from '../rejections.ts';
import { changeUsername, registerUser } from './decider.ts';
import { user } from './event.ts';
import { users } from './readtable.ts';

const { ada, order } = examples;
const { adaRegistered, bobRegistered, lanternAdded, heartAdded, orderPlaced } = happened;
const renamed = (previousUsername: string, username: string) => user.UsernameChanged({ previousUsername, username });

describe('registerUser', () => {
  test('registers a user', async () => {
    await scenario(shop)
      .when(registerUser, ada)
      .thenEvents(adaRegistered)
      .thenRow(users, 'ada', { ...ada, usernameFolded: 'ada', orderCount: 0, totalSpent: zero, version: 1 })
      .again();
  });

  test('takes null for left out, and blanks around a username for nothing', async () => {
    await scenario(shop)
      .when(registerUser, { userId: 'ada', username: '  Ada ', email: null })
      .thenEvents(user.UserRegistered({ username: 'Ada', email: null, country: null }))
      .thenRow(users, 'ada', { email: null, country: null });
  });

  for (const username of ['Ada', 'ADA', ' ada ', 'Ａｄａ', 'a\u200bda']) {
    test(`refuses a username that somebody has as Ada: ${JSON.stringify(username)}`, async () => {
      await scenario(shop)
        .given('ada', adaRegistered)
        .when(registerUser, { userId: 'other', username })
        .thenRefused(UsernameTaken, { username: username.trim() })
        .thenNoRow(users, 'other')
        .again();
    });
  }

  test('takes a name that was freed', async () => {
    await scenario(shop)
      .given('ada', adaRegistered, renamed('Ada', 'Countess'))
      .when(registerUser, { userId: 'other', username: 'ADA' })
      .thenEvents(user.UserRegistered({ username: 'ADA', email: null, country: null }));
  });

  test('refuses a user who is registered: by the name where it is the same, else by the id', async () => {
    await scenario(shop).given('ada', adaRegistered).when(registerUser, ada).thenRefused(UsernameTaken, { username: 'Ada' });
    await scenario(shop)
      .given('ada', adaRegistered)
      .when(registerUser, { ...ada, username: 'Countess' })
      .thenRefused(InvalidInput, { issues: [{ path: ['userId'], message: 'is registered already' }] });
  });
});

describe('changeUsername', () => {
  test('gives another name, on the orders too, and leaves the orders their version', async () => {
    await scenario(shop)
      .given('ada', adaRegistered)
      .given(lanternAdded.data.sku, lanternAdded)
      .given(heartAdded.data.sku, heartAdded)
      .given(order.orderId, orderPlaced)
      .when(changeUsername, { userId: 'ada', username: 'Countess' })
      .thenEvents(renamed('Ada', 'Countess'))
      .thenRow(users, 'ada', { username: 'Countess', usernameFolded: 'countess', version: 2, orderCount: 1 })
      .thenRow(orders, order.orderId, { username: 'Countess', version: 1 })
      .again();
  });

  test('allows the own name in another case, which frees nothing', async () => {
    await scenario(shop)
      .given('ada', adaRegistered)
      .when(changeUsername, { userId: 'ada', username: 'ADA' })
      .thenEvents(renamed('Ada', 'ADA'))
      .when(registerUser, { userId: 'other', username: 'Ada' })
      .thenRefused(UsernameTaken);
  });

  test('does nothing where the name is the same', async () => {
    await scenario(shop).given('ada', adaRegistered).when(changeUsername, { userId: 'ada', username: 'Ada' }).thenNothing().again();
  });

  test('takes back a name that was freed and not claimed since', async () => {
    await scenario(shop)
      .given('ada', adaRegistered, renamed('Ada', 'Countess'))
      .when(changeUsername, { userId: 'ada', username: 'Ada' })
      .thenEvents(renamed('Countess', 'Ada'));
  });

  test('refuses a name that another has, and a user whom nobody registered', async () => {
    await scenario(shop)
      .given('ada', adaRegistered)
      .given('bob', bobRegistered)
      .when(changeUsername, { userId: 'ada', username: 'BOB' })
      .thenRefused(UsernameTaken, { username: 'BOB' });
    await scenario(shop).when(changeUsername, { userId: 'ada', username: 'Ada' }).thenRefused(UserNotFound, { userId: 'ada' });
  });
});
