using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>What the log promises about time, driven by a clock: checkpoints at least once a second under load, segments that roll by age.</summary>
public sealed class CheckpointPaceTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_load_every_second_has_a_checkpoint_over_what_was_acknowledged_before_it()
    {
        using var folder = new TempFolder();
        var clock = new TimerClock(Start);
        await using var log = LedgerLog.Open(folder.Path, new LedgerOptions { Signers = [TestLog.Signer], Time = clock });
        for (var second = 0; second < 5; second++)
        {
            await log.AppendAsync(20);
            var acknowledged = log.Size;
            clock.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(() => Published(folder.File("checkpoint")) >= acknowledged);
            Assert.Equal(acknowledged, Published(folder.File("checkpoint")));
        }
    }

    [Fact]
    public async Task An_idle_log_signs_nothing_new()
    {
        using var folder = new TempFolder();
        var clock = new TimerClock(Start);
        await using var log = LedgerLog.Open(folder.Path, new LedgerOptions { Signers = [TestLog.Signer], Time = clock });
        await log.AppendAsync(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => Published(folder.File("checkpoint")) == 1);
        var note = log.Reader.Checkpoint;
        for (var i = 0; i < 20; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Same(note, log.PublishCheckpoint());
    }

    [Fact]
    public async Task A_segment_rolls_when_it_is_a_day_old_and_is_sealed_with_the_digest_of_its_file()
    {
        using var folder = new TempFolder();
        var clock = new TimerClock(Start);
        await using var log = LedgerLog.Open(folder.Path, new LedgerOptions { Signers = [TestLog.Signer], Time = clock });
        await log.AppendAsync(3);
        clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        await log.AppendAsync(1);
        Assert.Single(Directory.GetFiles(folder.File("segments"), "*.seg"));
        clock.Advance(TimeSpan.FromSeconds(1));
        await log.AppendAsync(1);
        Assert.Equal(2, Directory.GetFiles(folder.File("segments"), "*.seg").Length);
        log.PublishCheckpoint();
        var seal = SegmentSeal.Parse(await File.ReadAllBytesAsync(folder.File("segments/00000000000000000000.seal"), Token))!;
        var content = await File.ReadAllBytesAsync(folder.File("segments/00000000000000000000.seg"), Token);
        Assert.Equal((0L, 4L, (long)content.Length), (seal.First, seal.End, seal.Length));
        Assert.Equal(new MerkleHash(System.Security.Cryptography.SHA256.HashData(content)), seal.Digest);
        Assert.Equal(4, Checkpoint.Parse(seal.Checkpoint.Text)!.Size);
    }

    private static long Published(string path) =>
        SignedNote.TryParse(File.ReadAllBytes(path), out var note, out _) ? Checkpoint.Parse(note.Text)!.Size : -1;

    // The timer has fired; its work runs on the pool. Bounded by the test's own time limit only.
    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A clock whose timers fire when it is moved.</summary>
    private sealed class TimerClock(DateTimeOffset now) : TimeProvider
    {
        private readonly Lock _gate = new();
        private readonly List<Timer> _timers = [];
        private DateTimeOffset _now = now;

        public override DateTimeOffset GetUtcNow()
        {
            lock (_gate)
            {
                return _now;
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(this, () => callback(state));
            timer.Change(dueTime, period);
            lock (_gate)
            {
                _timers.Add(timer);
            }

            return timer;
        }

        public void Advance(TimeSpan by)
        {
            List<Timer> due;
            lock (_gate)
            {
                _now += by;
                due = [.. _timers.Where(t => t.TakeDue(_now))];
            }

            due.ForEach(t => t.Fire());
        }

        private sealed class Timer(TimerClock clock, Action fire) : ITimer
        {
            private DateTimeOffset? _next;
            private TimeSpan _period;

            public Action Fire => fire;

            public bool TakeDue(DateTimeOffset now)
            {
                var due = _next <= now;
                _next = !due ? _next : _period > TimeSpan.Zero ? now + _period : null;
                return due;
            }

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                lock (clock._gate)
                {
                    _next = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
                    _period = period;
                    return true;
                }
            }

            public void Dispose()
            {
                lock (clock._gate)
                {
                    clock._timers.Remove(this);
                }
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
