package ai.molecule.edge.credential.model;

import java.util.Arrays;

/** What can happen next, each as a number that {@link World#apply} understands. */
final class Moves {
  /** Kinds of moves. */
  enum Kind {
    TICK,
    RENEW,
    EXECUTE,
    ANSWER,
    LOSE,
    FAIL,
    DROP,
    NOTIFY,
    CONFIRM,
    REQUEST,
    BREAK,
    NOTICE,
    RECONNECT,
    JUMP,
    LOSE_MEMORY,
    EXPIRE,
    PUBLISH,
    CRASH,
    TIMER
  }

  private static final Kind[] KINDS = Kind.values();

  private final World world;
  private final Stores stores;
  private int[] found = new int[32];
  private int size;

  private Moves(World world) {
    this.world = world;
    this.stores = new Stores(world);
  }

  static Kind kind(int move) {
    return KINDS[move >>> 16];
  }

  static int first(int move) {
    return move >>> 8 & 0xff;
  }

  static int second(int move) {
    return move & 0xff;
  }

  /** The argument of a move that has but one. */
  static int wide(int move) {
    return move & 0xffff;
  }

  /** Everything that can happen in {@code world}. */
  static int[] of(World world) {
    Moves moves = new Moves(world);
    moves.ofCalls();
    moves.ofPublications();
    world.nodes.forEach(moves::ofNode);
    moves.ofStores();
    return Arrays.copyOf(moves.found, moves.size);
  }

  private void add(Kind kind, int first, int second) {
    addWide(kind, first << 8 | second);
  }

  private void addWide(Kind kind, int argument) {
    if (size == found.length) {
      found = Arrays.copyOf(found, size * 2);
    }
    found[size++] = kind.ordinal() << 16 | argument;
  }

  private void ofCalls() {
    for (Call call : world.calls) {
      if (call.stage != Call.Stage.EXECUTED && stores.canExecute(call)) {
        addWide(Kind.EXECUTE, call.id);
      }
      boolean listening = call.kind.isListening();
      boolean connected = !listening || isConnected(call);
      if (call.stage == Call.Stage.EXECUTED && connected) {
        addWide(Kind.ANSWER, call.id);
      }
      boolean waits = !call.orphan && call.kind != Call.Kind.CONFIRM;
      if (listening && waits && !connected) {
        addWide(Kind.FAIL, call.id);
      }
      boolean remote = call.kind != Call.Kind.DROP && call.kind != Call.Kind.DROP_ALL;
      if (!listening && remote && waits && world.failuresLeft > 0) {
        addWide(Kind.LOSE, call.id);
      }
    }
  }

  private boolean isConnected(Call call) {
    ModelNode node = world.nodes.get(call.node);
    return node.state == ModelNode.Connection.LIVE && node.connection == call.connection;
  }

  private void ofPublications() {
    if (world.publications.size() < world.scenario.runs) {
      add(Kind.PUBLISH, 0, 0);
    }
    for (Publication publication : world.publications) {
      int index = publication.index;
      if (publication.timerAt >= 0 && publication.timerAt <= world.now) {
        add(Kind.TIMER, index, 0);
      }
      if (!publication.isOver && world.crashesLeft > 0) {
        add(Kind.CRASH, index, 0);
      }
      for (long left = publication.confirmations; left != 0; left &= left - 1) {
        add(Kind.CONFIRM, index, Long.numberOfTrailingZeros(left));
      }
    }
  }

  private void ofNode(ModelNode node) {
    boolean attentive = !SessionState.isBusy(node.session) || node.clockJumped;
    if (attentive && node.attentionsLeft > 0) {
      add(Kind.RENEW, node.index, 0);
    }
    int loops = 0;
    for (Call task : node.tasks) {
      loops |= task.loopsLeft;
    }
    for (int loop = 0; loop < node.loops.size(); loop++) {
      if ((loops & 1 << loop) != 0) {
        add(Kind.DROP, node.index, loop);
      }
      if (world.requestsLeft > 0) {
        add(Kind.REQUEST, node.index, loop);
      }
    }
    for (int run : node.inbox) {
      add(Kind.NOTIFY, node.index, run);
    }
    switch (node.state) {
      case LIVE -> {
        if (world.breaksLeft > 0) {
          add(Kind.BREAK, node.index, 0);
        }
      }
      case BROKEN -> add(Kind.NOTICE, node.index, 0);
      case NONE -> add(Kind.RECONNECT, node.index, 0);
    }
    if (world.jumpsLeft > 0) {
      add(Kind.JUMP, node.index, 0);
    }
  }

  private void ofStores() {
    if (world.now < world.scenario.ticks) {
      add(Kind.TICK, 0, 0);
    }
    if (world.redisLossesLeft > 0) {
      add(Kind.LOSE_MEMORY, 0, 0);
    }
    if (world.expiriesLeft > 0 && world.redis.visible() == 1) {
      add(Kind.EXPIRE, 0, 0);
    }
  }

  /** The move in words, told before it is made. */
  static String describe(World world, int move) {
    Kind kind = kind(move);
    int a = first(move);
    int b = second(move);
    return switch (kind) {
      case TICK -> "a tick passes (now " + (world.now + 1) + ")";
      case RENEW -> "node " + a + " attends to its session";
      case EXECUTE -> world.call(wide(move)).describe() + " runs";
      case ANSWER -> world.call(wide(move)).describe() + " is answered";
      case LOSE, FAIL -> world.call(wide(move)).describe() + " gets no answer";
      case DROP -> "node " + a + " loop " + b + " drops";
      case NOTIFY -> "node " + a + " is notified";
      case CONFIRM -> "a confirmation arrives (session " + b + ")";
      case REQUEST -> "a request arrives at node " + a + " loop " + b;
      case BREAK -> "the listening connection of node " + a + " breaks";
      case NOTICE -> "node " + a + " notices the lost connection";
      case RECONNECT -> "node " + a + " connects again";
      case JUMP -> "node " + a + " was paused";
      case LOSE_MEMORY -> "Redis loses its memory";
      case EXPIRE -> "the record in Redis expires";
      case PUBLISH ->
          world.publications.isEmpty()
              ? "the revocation is committed; publication 0 begins"
              : "publication " + world.publications.size() + " begins, from the outbox";
      case CRASH -> "coordinator " + a + " crashes";
      case TIMER -> "publication " + a + " has waited long enough";
    };
  }
}
