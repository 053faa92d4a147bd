import { z } from 'zod';

/** Where an order can stand. */
export const orderStatuses = ['OPEN', 'PAID', 'SHIPPED', 'CANCELLED'] as const;

/** The same, as a field of rejections. */
export const OrderStatus = z.enum(orderStatuses).meta({ graphql: 'OrderStatus', description: 'Where an order stands.' });
