using Governance.Core;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Core.Serving;
using Governance.Core.State;
using Governance.Ledger;
using Governance.Serving.Protocol;
using Governance.Serving.Recording;
using Governance.Serving.Requests;
using Governance.Serving.Reviews;
using Governance.Serving.Routing;
using Governance.Serving.Shadows;
using Governance.Testing;

namespace Governance.Serving.Tests.Support;

/// <summary>A route over a real inference log and payload store in a folder, with a model that is a function. Opened again on the same folder it is a restart.</summary>
internal sealed class ServingRoom : IAsyncDisposable
{
    private static readonly LocalKeyEncryptionKey Kek = LocalKeyEncryptionKey.Create();
    private static readonly EcdsaNoteSigner Signer = EcdsaNoteSigner.Create("test/inference");

    private ServingRoom(string folder, TimeProvider time, RequestMemoryOptions requests, ReviewOptions reviews, TakeBound bound, Func<float, double> model, ReviewSnapshot? snapshot, IRequestReservations? reservations)
    {
        Payloads = PayloadStore.Open(Path.Combine(folder, "payloads"), new PayloadStoreOptions { KeyEncryptionKey = Kek, Time = time });
        Log = LedgerLog.Open(Path.Combine(folder, "log"), new LedgerOptions { Signers = [Signer], Barrier = Payloads, CheckpointInterval = TimeSpan.FromMinutes(10) });
        Archive = new DecisionArchive(Log.Reader, Payloads);
        Book = ReviewBook.Read(Log.Reader, snapshot);
        Memory = new RequestMemory(Archive, requests, time, reservations);
        Recorder = new InferenceRecorder(Log, Payloads, Book, bound, time);
        var scorers = new Scorers(model);
        Shadows = new ShadowMirror(scorers, Recorder);
        Service = new InferenceService(scorers, NoGuard.Instance, NoExplainer.Instance, Recorder, Shadows, NoObserver.Instance, Memory, Book, reviews, time);
    }

    public static Caller Bank { get; } = Application("loans-app");

    public LedgerLog Log { get; }

    public PayloadStore Payloads { get; }

    public DecisionArchive Archive { get; }

    public ReviewBook Book { get; }

    public RequestMemory Memory { get; }

    public InferenceRecorder Recorder { get; }

    public ShadowMirror Shadows { get; }

    public InferenceService Service { get; }

    /// <param name="model">Score of a row from its one feature; the feature itself when null.</param>
    public static ServingRoom Open(
        TempFolder folder, TimeProvider? time = null, RequestMemoryOptions? requests = null, ReviewOptions? reviews = null, TakeBound? bound = null,
        Func<float, double>? model = null, ReviewSnapshot? snapshot = null, IRequestReservations? reservations = null) =>
        new(folder.Path, time ?? TimeProvider.System, requests ?? new(), reviews ?? new(), bound ?? new(), model ?? (x => x), snapshot, reservations);

    public static Caller Application(string subject) => new()
    {
        Subject = subject, Name = subject, Kind = CallerKind.Application, Roles = RoleSet.Of(Role.Client), TokenId = "t", ExpiresAt = DateTimeOffset.MaxValue,
    };

    /// <summary>A route whose label 1 at 0.5 and above is adverse.</summary>
    public static RouteOutcome.Serves Route(RouteSettings? settings = null, string name = "credit") => new(
        new RouteState(name, name, 1, DateTimeOffset.UnixEpoch, 7),
        new VersionState
        {
            ModelId = name, SubmittedBy = "dana", SubmittedAt = DateTimeOffset.UnixEpoch, SubmittedPosition = 1,
            Submission = new VersionSubmission
            {
                Number = 1, Artifact = Digest.Of("model"u8), Description = "v", Features = ["income"], TrainingDataset = "a", EvaluationDataset = "b", Threshold = 0.5, FavourablePrediction = 0,
            },
        }) { Settings = settings ?? RouteSettings.Default };

    public static InferenceCall Call(string? id, string subject, params float[] features) =>
        new(id, [.. features.Select((_, i) => features.Length == 1 ? subject : $"{subject}-{i}")], features, features.Length);

    public async Task<InferenceOutcome> AskAsync(InferenceCall call, RouteOutcome.Serves? route = null, Caller? caller = null) =>
        await Service.InferAsync(call, route ?? Route(), caller ?? Bank, TestContext.Current.CancellationToken);

    public async Task<InferenceOutcome.Answered> AnswerAsync(InferenceCall call, RouteOutcome.Serves? route = null, Caller? caller = null) =>
        Assert.IsType<InferenceOutcome.Answered>(await AskAsync(call, route, caller));

    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync();
        Payloads.Dispose();
    }

    private sealed class NoGuard : IRequestGuard
    {
        public static NoGuard Instance { get; } = new();

        public RequestRefusal? Check(InferenceCall call, RouteOutcome.Serves route, Caller client, DateTimeOffset now, CancellationToken cancellationToken) => null;
    }

    private sealed class Scorers(Func<float, double> model) : IScorerSource, IScorer
    {
        public string InputName => "features";

        public IReadOnlyList<string> Features => ["income"];

        public ValueTask<IScorer> GetAsync(RouteOutcome.Serves route, VersionState version, CancellationToken cancellationToken) => new(this);

        public ValueTask ScoreAsync(ReadOnlyMemory<float> features, int rows, Memory<double> scores, CancellationToken cancellationToken)
        {
            for (var row = 0; row < rows; row++)
            {
                scores.Span[row] = model(features.Span[row]);
            }

            return ValueTask.CompletedTask;
        }
    }
}
