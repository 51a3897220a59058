using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Engines.Kubernetes;

/// <summary>Reads the states of shards from a Job and its pods. The Job's word counts where it has one; pods say the rest. Immutable.</summary>
/// <param name="cancelled">Shards marked to be stopped.</param>
internal sealed class JobView(ShardJob job, JsonObject body, IReadOnlyList<JsonObject> pods, IReadOnlySet<int> cancelled)
{
    private static readonly string[] ImageProblems = ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"];

    private readonly HashSet<int> completed = Indices(body, "completedIndexes", job);
    private readonly HashSet<int> failed = Indices(body, "failedIndexes", job);
    private readonly ILookup<int, JsonObject> podsOf = pods.ToLookup(CompletionIndex);

    public IReadOnlyList<ShardState> States() => [.. job.Indices.Select((index, completion) => State(index, completion))];

    /// <summary>Names of the pods of marked shards that have not ended.</summary>
    public IEnumerable<string> PodsToStop() =>
        job.Indices.Index().Where(i => cancelled.Contains(i.Item)).SelectMany(i => podsOf[i.Index])
            .Where(p => Json.Text(p, "status", "phase") is "Pending" or "Running" && Json.Text(p, "metadata", "deletionTimestamp") is null)
            .Select(p => Json.Text(p, "metadata", "name")).OfType<string>();

    public static bool IsImageProblem(string? reason) => reason is not null && ImageProblems.Any(p => reason.StartsWith(p, StringComparison.Ordinal));

    public static JsonObject? Latest(IEnumerable<JsonObject> pods) =>
        pods.OrderBy(p => Json.Text(p, "metadata", "deletionTimestamp") is null).ThenBy(p => Json.Text(p, "metadata", "creationTimestamp"), StringComparer.Ordinal).LastOrDefault();

    private ShardState State(int index, int completion)
    {
        var pod = Latest(podsOf[completion]);
        var node = Json.Text(pod, "spec", "nodeName");
        if (completed.Contains(completion))
        {
            return new ShardState(index, ShardPhase.Succeeded, 0, Node: node);
        }

        if (failed.Contains(completion))
        {
            return Failed(index, pod, node);
        }

        if (JobEnd() is { } end)
        {
            return end with { Index = index };
        }

        return Json.Text(pod, "status", "phase") switch
        {
            "Running" => new ShardState(index, ShardPhase.Running, Node: node),
            "Pending" => new ShardState(index, ShardPhase.Queued, Reason: WaitReason(pod!), Node: node),

            // Ended, and the Job has yet to say what that means.
            not null => new ShardState(index, ShardPhase.Running, Reason: "Its pod has ended.", Node: node),
            null => new ShardState(index, ShardPhase.Queued, Reason: IsSuspended ? "The job is suspended: it waits in its queue." : null),
        };
    }

    private bool IsSuspended => Json.At(body, "spec", "suspend") is JsonValue value && value.TryGetValue<bool>(out var suspended) && suspended;

    private ShardState Failed(int index, JsonObject? pod, string? node)
    {
        if (cancelled.Contains(index))
        {
            return new ShardState(index, ShardPhase.Cancelled, Node: node);
        }

        if (Json.Text(pod, "status", "reason") is "DeadlineExceeded")
        {
            return new ShardState(index, ShardPhase.TimedOut, Reason: $"It ran longer than {job.Resources.Minutes} min.", Node: node);
        }

        var ended = Json.At(Json.List(pod, "status", "containerStatuses").FirstOrDefault(c => Json.Text(c, "name") == JobManifest.Container), "state", "terminated");
        var code = Json.Number(ended, "exitCode");
        return code is null
            ? new ShardState(index, ShardPhase.Lost, Reason: Json.Text(pod, "status", "message") is { } said ? Json.Clip(said) : "Its pod is gone.", Node: node)
            : Json.Text(ended, "reason") is "OOMKilled"
                ? new ShardState(index, ShardPhase.Failed, ShardExit.OutOfMemory, "Out of memory.", node)
                : new ShardState(index, ShardPhase.Failed, code, Json.Text(ended, "reason") is { } reason and not "Error" ? reason : null, node);
    }

    /// <summary>What became of the shards that a Job which has ended has no result for; null while it has not ended.</summary>
    private ShardState? JobEnd()
    {
        var condition = Json.List(body, "status", "conditions").FirstOrDefault(c => Json.Text(c, "type") is "Failed" or "Complete" && Json.Text(c, "status") is "True");
        return condition is null ? null
            : Json.Text(condition, "reason") is "DeadlineExceeded" ? new ShardState(0, ShardPhase.TimedOut, Reason: "The job waited and ran longer than it may.")
            : new ShardState(0, ShardPhase.Lost, Reason: Json.Clip(Json.Text(condition, "message") ?? "The job ended without it."));
    }

    private static string? WaitReason(JsonObject pod)
    {
        var waiting = Json.At(Json.List(pod, "status", "containerStatuses").FirstOrDefault(), "state", "waiting");
        if (Json.Text(waiting, "reason") is { } reason and not ("ContainerCreating" or "PodInitializing"))
        {
            return Json.Clip($"{reason}: {Json.Text(waiting, "message")}");
        }

        return Json.List(pod, "status", "conditions").FirstOrDefault(c => Json.Text(c, "type") is "PodScheduled" && Json.Text(c, "status") is "False") is { } unscheduled
            ? Json.Clip($"{Json.Text(unscheduled, "reason")}: {Json.Text(unscheduled, "message")}")
            : null;
    }

    private static int CompletionIndex(JsonObject pod) =>
        int.TryParse(Json.Text(pod, "metadata", "annotations", "batch.kubernetes.io/job-completion-index"), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;

    private static HashSet<int> Indices(JsonObject body, string field, ShardJob job) =>
        Json.Text(body, "status", field) is { } ranges ? [.. IndexRanges.Read(ranges, job.Indices.Count - 1)] : [];
}
