using System.Globalization;
using System.Text.Json.Nodes;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Engines.Kubernetes;

/// <summary>
/// The Indexed Job of a shard job. Kubernetes counts its indices from 0, so the pod's first words turn the completion index into the shard's.
/// A failed shard is not tried again by Kubernetes (backoffLimitPerIndex 0): who runs the plan decides that; pods lost to the
/// infrastructure are replaced. A pure function.
/// </summary>
internal static class JobManifest
{
    public const string Container = "shard";
    public const string Owner = "governance";
    private const string Gpu = "nvidia.com/gpu";

    /// <summary>Picks the shard's index out of SHARD_INDICES, then becomes the shard.</summary>
    private const string Launcher =
        "n=0; for i in $SHARD_INDICES; do if [ \"$n\" = \"$JOB_COMPLETION_INDEX\" ]; then export SHARD_INDEX=\"$i\"; break; fi; n=$((n+1)); done; unset SHARD_INDICES; exec \"$@\"";

    public static JsonObject Of(ShardJob job, KubernetesOptions options)
    {
        var parallel = Math.Min(Math.Min(job.MaxParallel ?? options.Slots, options.Slots), job.Indices.Count);
        var rounds = (job.Indices.Count + parallel - 1) / parallel;
        return new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject { ["name"] = job.Name, ["labels"] = Labels(job, options.Queue) },
            ["spec"] = new JsonObject
            {
                ["completionMode"] = "Indexed",
                ["completions"] = job.Indices.Count,
                ["parallelism"] = parallel,

                // Kueue admits a job by resuming it.
                ["suspend"] = options.Queue is not null,
                ["backoffLimitPerIndex"] = 0,
                ["podReplacementPolicy"] = "Failed",
                ["podFailurePolicy"] = new JsonObject
                {
                    ["rules"] = new JsonArray(
                        new JsonObject { ["action"] = "Ignore", ["onPodConditions"] = new JsonArray(new JsonObject { ["type"] = "DisruptionTarget", ["status"] = "True" }) },
                        new JsonObject
                        {
                            ["action"] = "FailIndex",
                            ["onExitCodes"] = new JsonObject { ["containerName"] = Container, ["operator"] = "In", ["values"] = new JsonArray(ShardExit.BadInput, ShardExit.OutOfMemory) },
                        }),
                },
                ["activeDeadlineSeconds"] = (rounds * (long)job.Resources.Minutes * 60) + (long)options.QueueLimit.TotalSeconds,
                ["ttlSecondsAfterFinished"] = (long)options.Keep.TotalSeconds,
                ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Labels(job, queue: null) }, ["spec"] = Pod(job, options) },
            },
        };
    }

    private static JsonObject Pod(ShardJob job, KubernetesOptions options)
    {
        var pod = new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["activeDeadlineSeconds"] = (long)job.Resources.Minutes * 60,
            ["terminationGracePeriodSeconds"] = 10,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = options.User,
                ["runAsGroup"] = options.User,
                ["fsGroup"] = options.User,
                ["fsGroupChangePolicy"] = "OnRootMismatch",
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["containers"] = new JsonArray(Shard(job, options)),
            ["volumes"] = new JsonArray(
                new JsonObject { ["name"] = "shared", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = options.Claim } },
                new JsonObject { ["name"] = "tmp", ["emptyDir"] = new JsonObject { ["sizeLimit"] = "1Gi" } }),
        };
        if (options.ServiceAccount is { } account)
        {
            pod["serviceAccountName"] = account;
        }

        if (options.NodeSelector.Count > 0)
        {
            pod["nodeSelector"] = new JsonObject(options.NodeSelector.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, p.Value)));
        }

        if (job.Resources.Gpus > 0)
        {
            pod["tolerations"] = new JsonArray(new JsonObject { ["key"] = Gpu, ["operator"] = "Exists", ["effect"] = "NoSchedule" });
        }

        return pod;
    }

    private static JsonObject Shard(ShardJob job, KubernetesOptions options) => new()
    {
        ["name"] = Container,
        ["image"] = options.Image,
        ["command"] = new JsonArray("/bin/sh", "-c", Literal(Launcher), Container),
        ["args"] = new JsonArray([.. job.Command.Arguments.Prepend(job.Command.FileName).Select(a => JsonValue.Create(Literal(a)))]),
        ["env"] = new JsonArray([.. job.Command.Environment
            .Append(KeyValuePair.Create("SHARD_INDICES", string.Join(' ', job.Indices.Select(i => i.ToString(CultureInfo.InvariantCulture)))))
            .Select(v => new JsonObject { ["name"] = v.Key, ["value"] = Literal(v.Value) })]),
        ["resources"] = new JsonObject { ["requests"] = Amounts(job), ["limits"] = Amounts(job) },
        ["securityContext"] = new JsonObject
        {
            ["allowPrivilegeEscalation"] = false,
            ["readOnlyRootFilesystem"] = true,
            ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
        },
        ["volumeMounts"] = new JsonArray(
            new JsonObject { ["name"] = "shared", ["mountPath"] = options.MountPath },
            new JsonObject { ["name"] = "tmp", ["mountPath"] = "/tmp" }),
    };

    private static JsonObject Amounts(ShardJob job)
    {
        var amounts = new JsonObject
        {
            ["cpu"] = job.Resources.Cpus.ToString(CultureInfo.InvariantCulture),
            ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{job.Resources.MemoryMiB}Mi"),
        };
        if (job.Resources.Gpus > 0)
        {
            amounts[Gpu] = job.Resources.Gpus.ToString(CultureInfo.InvariantCulture);
        }

        return amounts;
    }

    private static JsonObject Labels(ShardJob job, string? queue)
    {
        var labels = new JsonObject { ["app.kubernetes.io/name"] = Owner, ["app.kubernetes.io/managed-by"] = Owner, ["app.kubernetes.io/instance"] = job.Name };
        if (queue is not null)
        {
            labels["kueue.x-k8s.io/queue-name"] = queue;
        }

        return labels;
    }

    /// <summary>Kubernetes expands <c>$(NAME)</c> in these fields; <c>$$</c> stands for one dollar.</summary>
    private static string Literal(string text) => text.Replace("$", "$$", StringComparison.Ordinal);
}
