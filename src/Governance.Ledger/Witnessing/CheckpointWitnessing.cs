namespace Governance.Ledger;

/// <summary>How a log has its checkpoints witnessed. Immutable.</summary>
public sealed record WitnessingOptions
{
    /// <summary>When a cosigned checkpoint counts. Witnesses without an address are not asked.</summary>
    public required WitnessPolicy Policy { get; init; }

    /// <summary>Pause between rounds. Default 5 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For one call to one witness. Default 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told, for an operator, of a witness that does not cosign; once for each change of what it says.</summary>
    public Action<PolicyWitness, WitnessReply>? Refused { get; init; }

    internal IFileLayer Files { get; init; } = PhysicalFiles.Instance;
}

/// <summary>
/// Sends a log's newest checkpoint to the witnesses of a policy, in rounds, and keeps the newest one that satisfies it in the file
/// <c>witnessed</c>: the tile view and receipts then carry its cosignatures. Appends never wait for it. Thread-safe.
/// </summary>
public sealed class CheckpointWitnessing : IAsyncDisposable
{
    private readonly LedgerLog _log;
    private readonly string _folder;
    private readonly WitnessingOptions _options;
    private readonly IReadOnlyList<(PolicyWitness Witness, WitnessClient Client)> _clients;
    private readonly Dictionary<PolicyWitness, long> _sizes = [];
    private readonly Dictionary<PolicyWitness, string> _said = [];
    private readonly SemaphoreSlim _round = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private Task _rounds = Task.CompletedTask;

    /// <param name="folder">The log's folder.</param>
    public CheckpointWitnessing(LedgerLog log, string folder, HttpClient http, WitnessingOptions options)
    {
        (_log, _folder, _options) = (log, folder, options);
        _clients = [.. options.Policy.Witnesses.Where(w => w.Address is not null).Select(w => (w, new WitnessClient(http, w.Address!, [w.Key], options.Timeout)))];
        log.Reader.LoadWitnessed();
    }

    /// <summary>Begins the rounds; they end when this is disposed.</summary>
    public void Start() => _rounds = RunAsync();

    /// <summary>Asks every witness once about the newest checkpoint; true when the policy is satisfied now.</summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        await _round.WaitAsync(cancellationToken);
        try
        {
            var note = _log.PublishCheckpoint();
            var checkpoint = Checkpoint.Parse(note.Text)!;
            var replies = await Task.WhenAll(_clients.Select(c => AskAsync(c.Witness, c.Client, note, checkpoint, cancellationToken)));
            var cosigned = note with { Signatures = [.. note.Signatures, .. replies.SelectMany(r => r.Cosignatures)] };
            if (!_options.Policy.IsSatisfiedBy(cosigned, out _))
            {
                return false;
            }

            AtomicFile.Write(_options.Files, Path.Combine(_folder, LedgerPaths.Witnessed), cosigned.ToBytes());
            _log.Reader.Witnessed = cosigned;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException("The witnessed checkpoint cannot be written: " + e.Message, e);
        }
        finally
        {
            _round.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _rounds;
        _closing.Dispose();
        _round.Dispose();
    }

    private async Task<WitnessReply> AskAsync(PolicyWitness witness, WitnessClient client, SignedNote note, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        long old;
        lock (_sizes)
        {
            old = _sizes.GetValueOrDefault(witness);
        }

        var reply = await AskAsync(client, old, note, checkpoint, cancellationToken);
        if (reply.Status == WitnessStatus.Stale && reply.Size <= checkpoint.Size)
        {
            reply = await AskAsync(client, reply.Size, note, checkpoint, cancellationToken);
        }
        else if (reply.Status == WitnessStatus.Stale)
        {
            reply = reply with { Reason = $"It cosigned size {reply.Size} of this log, which ends at {checkpoint.Size}: the log was rolled back." };
        }

        lock (_sizes)
        {
            if (reply.Status == WitnessStatus.Cosigned)
            {
                _sizes[witness] = checkpoint.Size;
            }

            if (!string.Equals(_said.GetValueOrDefault(witness, ""), reply.Reason, StringComparison.Ordinal))
            {
                _said[witness] = reply.Reason;
                _options.Refused?.Invoke(witness, reply);
            }
        }

        return reply;
    }

    private Task<WitnessReply> AskAsync(WitnessClient client, long old, SignedNote note, Checkpoint checkpoint, CancellationToken cancellationToken) =>
        client.AddCheckpointAsync(new AddCheckpointRequest(old, _log.Reader.ProveConsistency(old, checkpoint.Size), note), cancellationToken);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(_options.Interval, _options.Time);
        try
        {
            do
            {
                try
                {
                    await RunOnceAsync(_closing.Token);
                }
                catch (LedgerException)
                {
                    // The log itself says why it is unavailable; witnesses are asked again when it is not.
                }
            }
            while (await timer.WaitForNextTickAsync(_closing.Token));
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }
}
