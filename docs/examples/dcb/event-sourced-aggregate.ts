/**
 * Where one aggregate's own past is all that a rule needs, nothing dynamic is wanted: a decider without `reads` is the
 * event-sourced aggregate that one knows, and there is no repository to write for it (https://dcb.events/examples).
 * A caller that decided on a version it saw says so with `expectedVersion`.
 */

import { z } from 'zod';
import { decider, events, Id, rejection } from '#varve';

const Seats = z.int().min(1);

/** No tags: the stream `course-c1` selects the events, and nobody asks after them from elsewhere. */
export const course = events('course', {
  CourseDefined: z.object({ title: z.string().min(1), capacity: Seats }),
  CourseCapacityChanged: z.object({ newCapacity: Seats }),
  StudentSubscribedToCourse: z.object({ studentId: Id }),
});

type State = { readonly capacity: number; readonly taken: number } | null;

/** Null: there is no such course yet. Steps after the first need not fear it: a course's first event is its definition. */
const Course = decider(course)
  .starts<State>(null)
  .evolves({
    CourseDefined: (_, { capacity }) => ({ capacity, taken: 0 }),
    CourseCapacityChanged: (state, { newCapacity }) => state && { ...state, capacity: newCapacity },
    StudentSubscribedToCourse: (state) => state && { ...state, taken: state.taken + 1 },
  });

const CourseExists = rejection('CourseExists', { courseId: Id }, ({ courseId }) => `Course "${courseId}" already exists`);
const CourseNotFound = rejection('CourseNotFound', { courseId: Id }, ({ courseId }) => `Course "${courseId}" does not exist`);
const CourseFull = rejection('CourseFull', { courseId: Id }, ({ courseId }) => `Course "${courseId}" is already fully booked`);
const SeatsTaken = rejection('SeatsTaken', { taken: z.int() }, ({ taken }) => `${taken} seats are taken, so there cannot be fewer`);

export const defineCourse = Course.command('defineCourse', {
  input: z.object({ courseId: Id, title: z.string().min(1), capacity: Seats }),
  stream: ({ courseId }) => courseId,
  refuses: { CourseExists },
  decide: ({ courseId, ...data }, state, { refuse }) => (state ? refuse.CourseExists({ courseId }) : course.CourseDefined(data)),
});

export const changeCapacity = Course.command('changeCapacity', {
  input: z.object({ courseId: Id, newCapacity: Seats }),
  stream: ({ courseId }) => courseId,
  refuses: { CourseNotFound, SeatsTaken },
  decide: ({ courseId, newCapacity }, state, { refuse }) => {
    if (!state) return refuse.CourseNotFound({ courseId });
    if (newCapacity < state.taken) return refuse.SeatsTaken({ taken: state.taken });
    return newCapacity === state.capacity ? [] : course.CourseCapacityChanged({ newCapacity });
  },
});

export const subscribeStudent = Course.command('subscribeStudent', {
  input: z.object({ courseId: Id, studentId: Id }),
  stream: ({ courseId }) => courseId,
  refuses: { CourseNotFound, CourseFull },
  decide: ({ courseId, studentId }, state, { refuse }) => {
    if (!state) return refuse.CourseNotFound({ courseId });
    return state.taken < state.capacity ? course.StudentSubscribedToCourse({ studentId }) : refuse.CourseFull({ courseId });
  },
});
