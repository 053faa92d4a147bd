/** What the published cases leave open: the edges of periods, and the two examples that have no cases. */

import { describe, test } from 'vitest';
import { parseDecimal, type Rejection, scenario } from '#varve';
import * as prices from './dynamic-product-price.ts';
import * as aggregate from './event-sourced-aggregate.ts';
import * as signUps from './opt-in-token.ts';
import * as duplicates from './prevent-record-duplication.ts';
import * as accounts from './unique-username.ts';

const now = new Date('2026-03-01T09:00:00Z');
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const msLonger = (date: Date) => new Date(date.getTime() - 1);
const story = (...commands: Parameters<typeof scenario>[0]['commands']) => scenario({ commands, projections: [] }, { now });

/** The refusal of that name that the command declares. */
const refusalOf = ({ refuses }: { refuses: Readonly<Record<string, Rejection>> }, name: string): Rejection => {
  const rejection = refuses[name];
  if (!rejection) throw new Error(`The command does not refuse with ${name}.`);
  return rejection;
};

describe('opt-in token', () => {
  const { confirmSignUp, initiateSignUp, signUp } = signUps;
  const ada = { emailAddress: 'ada@example.com', otp: '123456', name: 'Ada' };
  const answer = { emailAddress: ada.emailAddress, otp: ada.otp };

  test('a code is good for sixty minutes, the last moment included', () =>
    story(confirmSignUp)
      .givenAt(minutesAgo(60), 'ada', signUp.SignUpInitiated(ada))
      .when(confirmSignUp, answer)
      .thenEvents(signUp.SignUpConfirmed(ada)));

  test('a millisecond later it has expired', () =>
    story(confirmSignUp)
      .givenAt(msLonger(minutesAgo(60)), 'ada', signUp.SignUpInitiated(ada))
      .when(confirmSignUp, answer)
      .thenRefused(refusalOf(confirmSignUp, 'OtpExpired')));

  test('a used code does not become fresh by being drawn again', () =>
    story(initiateSignUp)
      .givenAt(minutesAgo(30), 'ada', signUp.SignUpInitiated(ada), signUp.SignUpConfirmed(ada))
      .when(initiateSignUp, ada)
      .thenRefused(refusalOf(initiateSignUp, 'OtpRepeated')));

  test('a code and an address that were not sent together do not fit', () =>
    story(confirmSignUp)
      .given('ada', signUp.SignUpInitiated(ada))
      .given('bob', signUp.SignUpInitiated({ emailAddress: 'bob@example.com', otp: '654321', name: 'Bob' }))
      .when(confirmSignUp, { ...answer, otp: '654321' })
      .thenRefused(refusalOf(confirmSignUp, 'NoPendingSignUp')));
});

describe('unique username', () => {
  const { account, registerAccountAfterRetention: register } = accounts;
  const threeDays = minutesAgo(3 * 24 * 60);
  const closedAt = (at: Date) =>
    story(register)
      .givenAt(at, 'ada', account.AccountRegistered({ username: 'ada' }), account.AccountClosed({ username: 'ada' }))
      .when(register, { username: 'ada' });

  test('a freed name is claimed for three days, the last moment included', () =>
    closedAt(threeDays).thenRefused(refusalOf(register, 'UsernameClaimed'), { username: 'ada' }));
  test('a millisecond later it is free', () => closedAt(msLonger(threeDays)).thenEvents(account.AccountRegistered({ username: 'ada' })));
});

describe('prevent record duplication', () => {
  test('the same order under a new token is a duplicate too', () =>
    story(duplicates.placeOrder)
      .given('1', duplicates.order.OrderPlaced({ orderId: '1', idempotencyToken: 'a' }))
      .when(duplicates.placeOrder, { orderId: '1', idempotencyToken: 'b' })
      .thenRefused(refusalOf(duplicates.placeOrder, 'Resubmission')));
});

describe('dynamic product price', () => {
  const { changeProductPrice, defineProduct, order, orderProducts, product } = prices;
  const [old, present] = [parseDecimal('1.23'), parseDecimal('1.34')];
  const priceChangedAt = (at: Date) =>
    story(defineProduct, changeProductPrice, orderProducts)
      .givenAt(minutesAgo(600), 'p1', product.ProductDefined({ productId: 'p1', price: old }))
      .givenAt(at, 'p1', product.ProductPriceChanged({ productId: 'p1', newPrice: present }));
  const buy = (displayedPrice: string) => ({ orderId: '1', items: [{ productId: 'p1', displayedPrice }] });
  const bought = (price: typeof old) => order.ProductsOrdered({ items: [{ productId: 'p1', price }] });
  const invalid = refusalOf(orderProducts, 'InvalidPrice');

  test('the present price is good', () => priceChangedAt(minutesAgo(600)).when(orderProducts, buy('1.34')).thenEvents(bought(present)));
  test('the price before it is good for ten minutes', () =>
    priceChangedAt(minutesAgo(10)).when(orderProducts, buy('1.23')).thenEvents(bought(old)));
  test('and then no more', () =>
    priceChangedAt(msLonger(minutesAgo(10)))
      .when(orderProducts, buy('1.23'))
      .thenRefused(invalid, { productId: 'p1' }));
  test('a price that never was is not', () => priceChangedAt(minutesAgo(1)).when(orderProducts, buy('1.00')).thenRefused(invalid));
  test('a price that stood for a moment only has its ten minutes as well', () =>
    priceChangedAt(minutesAgo(9))
      .givenAt(minutesAgo(8), 'p1', product.ProductPriceChanged({ productId: 'p1', newPrice: parseDecimal('1.50') }))
      .when(orderProducts, buy('1.34'))
      .thenEvents(bought(present)));
  test('a later change does not give an older price another ten minutes', () =>
    priceChangedAt(minutesAgo(12))
      .givenAt(minutesAgo(5), 'p1', product.ProductPriceChanged({ productId: 'p1', newPrice: parseDecimal('1.50') }))
      .when(orderProducts, buy('1.23'))
      .thenRefused(invalid));
  test('one wrong price of two refuses the whole order', () =>
    priceChangedAt(minutesAgo(1))
      .given('p2', product.ProductDefined({ productId: 'p2', price: old }))
      .when(orderProducts, { orderId: '1', items: [...buy('1.34').items, { productId: 'p2', displayedPrice: '9.99' }] })
      .thenRefused(invalid, { productId: 'p2' }));
});

describe('event-sourced aggregate', () => {
  const { changeCapacity, course, subscribeStudent } = aggregate;
  const full = () =>
    story(changeCapacity, subscribeStudent).given(
      'c1',
      course.CourseDefined({ title: 'Sediments', capacity: 2 }),
      course.StudentSubscribedToCourse({ studentId: 's1' }),
      course.StudentSubscribedToCourse({ studentId: 's2' }),
    );

  test('a full course takes nobody', () =>
    full().when(subscribeStudent, { courseId: 'c1', studentId: 's3' }).thenRefused(refusalOf(subscribeStudent, 'CourseFull')));
  test('it takes one more once it has grown', () =>
    full()
      .when(changeCapacity, { courseId: 'c1', newCapacity: 3 })
      .when(subscribeStudent, { courseId: 'c1', studentId: 's3' })
      .thenEvents(course.StudentSubscribedToCourse({ studentId: 's3' })));
  test('it cannot shrink below its students', () =>
    full().when(changeCapacity, { courseId: 'c1', newCapacity: 1 }).thenRefused(refusalOf(changeCapacity, 'SeatsTaken'), { taken: 2 }));
  test('the capacity that it has already is no event', () => full().when(changeCapacity, { courseId: 'c1', newCapacity: 2 }).thenNothing());
});
